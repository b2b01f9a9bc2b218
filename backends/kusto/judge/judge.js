// Reads queries as NDJSON {"id": …, "query": …} on standard input and writes, as NDJSON, what Microsoft's Kusto parser and
// binder say about each: {"id": …, "diagnostics": [{"severity", "code", "message", "start", "length"}], "columns": [{"name", "type"}]}.
// Arguments: any number of schema files, JSON objects table -> column -> Kusto type.
"use strict";
const fs = require("fs");
const readline = require("readline");
const base = "@kusto/language-service-next/";
require(base + "bridge.min.js");
require(base + "Kusto.Language.Bridge.min.js");
const K = global.Kusto.Language;
const Symbols = K.Symbols;

const scalar = {};
for (const name of ["Bool", "Int", "Long", "Real", "Decimal", "String", "DateTime", "TimeSpan", "Guid", "Dynamic"]) {
  scalar[name.toLowerCase()] = Symbols.ScalarTypes[name];
}

const aliases = { boolean: "bool", double: "real", date: "datetime", time: "timespan", uniqueid: "guid", uuid: "guid" };

function column(name, type) {
  type = aliases[type] || type;
  if (!scalar[type]) throw new Error(`column ${name}: unknown type ${type}`);
  return new Symbols.ColumnSymbol(name, scalar[type], null, null, null, null);
}

function globals(files) {
  const tables = [];
  for (const f of files) {
    const schema = JSON.parse(fs.readFileSync(f, "utf8")) || {};
    for (const [name, columns] of Object.entries(schema)) {
      tables.push(new Symbols.TableSymbol.$ctor4(name, Object.entries(columns).map(([c, t]) => column(c, t))));
    }
  }
  return K.GlobalState.Default.WithDatabase(new Symbols.DatabaseSymbol.ctor("db", tables));
}

function judge(query, state) {
  const code = K.KustoCode.ParseAndAnalyze(query, state);
  const diagnostics = Bridge.toArray(code.GetDiagnostics()).map((d) => ({
    severity: d.Severity, code: d.Code, message: d.Message, start: d.Start, length: d.Length,
  }));
  let columns = null;
  const type = code.ResultType;
  if (type && type.Columns) {
    columns = Bridge.toArray(type.Columns).map((c) => ({ name: c.Name, type: c.Type ? c.Type.Name : "" }));
  }
  return { diagnostics, columns };
}

const state = globals(process.argv.slice(2));
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  if (!line.trim()) return;
  const { id, query } = JSON.parse(line);
  let out;
  try {
    out = judge(query, state);
  } catch (e) {
    out = { diagnostics: [{ severity: "Error", code: "judge", message: String(e && e.message || e), start: 0, length: 0 }], columns: null };
  }
  process.stdout.write(JSON.stringify({ id, ...out }) + "\n");
});
