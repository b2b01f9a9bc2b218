package interp

import (
	"maps"
	"slices"
	"strings"
)

// model is a data model's root dataset as the Common Information Model 8.5 defines it: which events are in it, and how
// missing values are filled.
type model struct {
	name    string // as the query names it
	dataset string
	tags    []string
	// filled are the fields in which a missing or empty value becomes "unknown".
	filled []string
	// zero are the fields in which anything but a number becomes 0.
	zero []string
	// keep says which events are in the dataset beyond their tags; nil is all.
	keep func(w *row) bool
	// children are the constraints of child datasets.
	children map[string]func(w *row) bool
}

func fields(names string) []string { return strings.Fields(names) }

// models is keyed by root dataset.
var models = map[string]model{
	"Processes": {
		tags:   fields("process report"),
		filled: fields("dest user process process_name original_file_name parent_process parent_process_name parent_user loaded_file vendor_product"),
	},
	"Registry": {
		tags:   fields("endpoint registry"),
		filled: fields("action dest user registry_path registry_key_name registry_value_name registry_value_data registry_value_type process_name"),
	},
	"Filesystem": {
		tags:   fields("endpoint filesystem"),
		filled: fields("action dest user file_name file_path file_hash file_acl process_name"),
	},
	"Services": {tags: fields("service report"), filled: fields("service_name start_mode status dest user")},
	"Authentication": {
		tags:   fields("authentication"),
		filled: fields("action src dest user src_user result"),
		keep: func(w *row) bool {
			return !(is(w, "action", "success") && strings.HasSuffix(w.get("user").text(), "$"))
		},
		children: map[string]func(w *row) bool{
			"Failed_Authentication":     func(w *row) bool { return is(w, "action", "failure") },
			"Successful_Authentication": func(w *row) bool { return is(w, "action", "success") },
		},
	},
	"All_Traffic": {
		tags:   fields("network communicate"),
		filled: fields("action src dest transport rule dvc user"),
		zero:   fields("src_port dest_port"),
	},
	"Web": {
		tags:   fields("web"),
		filled: fields("action src dest user url url_domain http_method http_user_agent http_referrer http_content_type status"),
	},
	"All_Changes": {
		tags:     fields("change"),
		filled:   fields("action change_type object object_path object_id object_attrs result result_id command user src dest status vendor_product"),
		children: map[string]func(w *row) bool{"Account_Management": func(w *row) bool { return hasTag(w, "account") }},
	},
	"DNS": {
		tags:   fields("network resolution dns"),
		filled: fields("query answer reply_code reply_code_id message_type dest query_count answer_count"),
	},
}

// roots maps a model's name to its root dataset, where the query may leave that out.
var roots = map[string]string{
	"Authentication": "Authentication", "Network_Traffic": "All_Traffic", "Web": "Web", "Change": "All_Changes",
	"Network_Resolution": "DNS", "Risk": "All_Risk", "Email": "All_Email", "Updates": "Updates", "Vulnerabilities": "Vulnerabilities",
}

func is(w *row, name, want string) bool { return strings.EqualFold(w.get(name).text(), want) }

func hasTag(w *row, tag string) bool {
	return slices.ContainsFunc(w.get("tag").values(), func(v value) bool { return v.text() == tag })
}

// model finds a data model by the name in FROM; "" is all events with their own fields.
func (k *compiler) model(name string) *model {
	if name == "" {
		return &model{}
	}
	root, dataset, dotted := strings.Cut(name, ".")
	if !dotted {
		if dataset = roots[root]; dataset == "" {
			dataset = root
		}
	}
	m := models[dataset]
	m.name, m.dataset = name, dataset
	return &m
}

// base is the event's field behind a field of the model: the name without the dataset.
func (m *model) base(name string) (string, bool) {
	head, rest, ok := strings.Cut(name, ".")
	if !ok || m.dataset == "" {
		return "", false
	}
	_, child := m.children[head]
	if head != m.dataset && !child {
		return "", false
	}
	return rest, true
}

// fill puts in the values that the model computes for missing ones.
func (m *model) fill(w *row) {
	for _, f := range m.filled {
		if v := w.get(f); v.isNull() || v.text() == "" {
			w.f[f] = fieldText("unknown")
		}
	}
	for _, f := range m.zero {
		if _, ok := w.get(f).number(); !ok {
			w.f[f] = value{kind: number, str: "0", origin: field}
		}
	}
}

// nodes is the multivalue field nodename: the root dataset and the children that the event is in.
func (m *model) nodes(w *row) value {
	list := []value{fieldText(m.dataset)}
	for _, child := range slices.Sorted(maps.Keys(m.children)) {
		if m.children[child](w) {
			list = append(list, fieldText(m.dataset+"."+child))
		}
	}
	return listOf(list)
}

// modelEvents returns the rows of a model: those of the table that bears its name, or the dataset's, or the model's part of
// it; without such a table, all events that have its tags or no field `tag`.
func (r *run) modelEvents(m *model, own timeBounds) []*row {
	if m.name == "" {
		return extracted(r.events(own))
	}
	root, _, _ := strings.Cut(m.name, ".")
	for _, name := range []string{m.name, m.dataset, root} {
		for i, t := range r.in.Tables {
			if t.Name == name {
				rows := r.inRange(r.load(i), own)
				arrive(rows)
				return m.only(extracted(rows))
			}
		}
	}
	return m.only(slices.DeleteFunc(extracted(r.events(own)), func(w *row) bool {
		if w.get("tag").isNull() {
			return false
		}
		return slices.ContainsFunc(m.tags, func(t string) bool { return !hasTag(w, t) })
	}))
}

func (m *model) only(rows []*row) []*row {
	if m.keep == nil {
		return rows
	}
	return slices.DeleteFunc(rows, func(w *row) bool { return !m.keep(w) })
}

// extracted is the rows with their fields extracted.
func extracted(rows []*row) []*row {
	for _, w := range rows {
		w.materialise()
	}
	return rows
}
