package splunk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/onerule/onerule/diag"
	"github.com/onerule/onerule/platform"
	"github.com/onerule/onerule/platform/splunk/app"
	"github.com/onerule/onerule/platform/splunk/conf"
)

// The folders of a pack: each rule by itself, to be read, and the app's files as they are in the archive beside them.
const (
	rulesFolder = "rules/"
	appFolder   = "app/"
)

// pack writes each rule's part of the .conf files, the app that holds all of them, and its archive.
func pack(p platform.Pack) ([]platform.File, diag.List) {
	set, diags := settings(p)
	packed, more := searches(p, set)
	diags = append(diags, more...)
	if len(packed) == 0 {
		return nil, diags
	}
	a := &app.App{ID: p.Name, Version: p.Version, Label: set.label, Author: set.author, Description: set.description, Readme: readme(p, set, packed)}
	var files []platform.File
	for _, s := range packed {
		a.Searches = append(a.Searches, s.doc)
		files = append(files, platform.File{Path: rulesFolder + s.art.Rule.Name + ".conf", Data: s.data, Rule: s.art.Rule.Name})
	}
	if err := a.Check(); err != nil {
		return files, append(diags, diag.New(diag.BadConfig, diag.Span{}, "there is no app for Splunk: "+err.Error(), "change the pack's name, or what is set for splunk, under `pack` in onerule.yaml"))
	}
	tree, err := a.Files()
	if err != nil {
		return files, append(diags, diag.Internal(diag.Span{}, "writing the app for Splunk", err.Error(), nil))
	}
	for _, f := range tree {
		files = append(files, platform.File{Path: appFolder + a.ID + "/" + f.Path, Data: f.Data})
	}
	archive, err := a.Archive()
	if err != nil {
		return files, append(diags, diag.New(diag.BadOutput, diag.Span{}, "there is no archive for Splunk: "+err.Error(), "build fewer rules into one pack"))
	}
	return append(files, platform.File{Path: a.ID + "-" + a.Version + ".spl", Data: archive}), diags
}

// packedSearch is a rule of the app.
type packedSearch struct {
	art  *platform.Artefact
	doc  *conf.SavedSearch
	data []byte
}

// searches returns the rules as they stand in the app: under names of their own, with the indexes that are set. A rule whose
// macro another rule defines in another way is left out.
func searches(p platform.Pack, set *set) (out []packedSearch, diags diag.List) {
	owner := map[string]string{} // of a macro, the rule that brought it
	macros := map[string]conf.Macro{}
	names := titles(p.Artefacts)
	for _, a := range p.Artefacts {
		from, ok := a.Document.(*conf.SavedSearch)
		if !ok {
			diags = append(diags, diag.Internal(a.Rule.Span, "making the pack of splunk", "the document is no saved search", nil))
			continue
		}
		doc := *from
		doc.Name = names[a]
		doc.Macros = slices.Clone(from.Macros)
		clash := ""
		for i, m := range doc.Macros {
			doc.Macros[i] = set.indexed(m, a.Bound)
			if other, ok := macros[m.Name]; ok && other != doc.Macros[i] {
				clash = m.Name
			}
		}
		slices.SortFunc(doc.Macros, func(x, y conf.Macro) int { return strings.Compare(x.Name, y.Name) })
		if clash != "" {
			diags = append(diags, diag.New(diag.CannotSay, a.Rule.Span, fmt.Sprintf("the search macro `%s` of `%s` is another one in `%s`, and an app has one of a name", clash, a.Rule.Name, owner[clash]),
				"rename the parameter in one of the two rules"))
			continue
		}
		data, err := doc.Encode()
		if err != nil {
			diags = append(diags, diag.New(diag.CannotSay, a.Rule.Span, "the rule does not fit into savedsearches.conf: "+err.Error(), "change the text that is named"))
			continue
		}
		for _, m := range doc.Macros {
			if _, ok := macros[m.Name]; !ok {
				macros[m.Name], owner[m.Name] = m, a.Rule.Name
			}
		}
		out = append(out, packedSearch{a, &doc, data})
	}
	return out, diags
}

// titles gives each rule a stanza of its own: where several have one title, all of them have the rule's name beside it, so that
// none is called otherwise because of the order of rules.
func titles(arts []*platform.Artefact) map[*platform.Artefact]string {
	count := map[string]int{}
	name := func(a *platform.Artefact) string {
		if doc, ok := a.Document.(*conf.SavedSearch); ok {
			return doc.Name
		}
		return ""
	}
	for _, a := range arts {
		count[strings.ToLower(name(a))]++
	}
	taken := map[string]bool{}
	out := map[*platform.Artefact]string{}
	for _, a := range arts {
		out[a] = name(a)
		if count[strings.ToLower(name(a))] > 1 {
			out[a] = stanzaNameOf(oneLine(a.Rule.Meta.Title), a.Rule.Name)
		}
		for n := 2; taken[strings.ToLower(out[a])]; n++ { // names so long that they were cut
			out[a] = stanzaNameOf(fmt.Sprintf("%d %s", n, oneLine(a.Rule.Meta.Title)), a.Rule.Name)
		}
		taken[strings.ToLower(out[a])] = true
	}
	return out
}

// stanzaNameOf is stanzaName with the rule's name behind the title, which is cut before the name is.
func stanzaNameOf(title, rule string) string {
	limit := maxStanza - len(stanzaName(""))
	behind := " (" + rule + ")"
	if len(behind) > limit {
		return stanzaName(title)
	}
	for len(title)+len(behind) > limit {
		title = strings.ToValidUTF8(title[:len(title)-1], "")
	}
	return stanzaName(strings.TrimSpace(title) + behind)
}
