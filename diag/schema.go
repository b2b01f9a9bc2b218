package diag

import _ "embed"

// Schema is the JSON Schema of what [WriteJSON] writes.
//
//go:embed diagnostics.schema.json
var Schema []byte
