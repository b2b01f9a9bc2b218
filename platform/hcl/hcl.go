// Package hcl writes texts into files of Terraform's JSON syntax so that terraform reads them as they are meant.
//
// Sources: developer.hashicorp.com/terraform/language/syntax/json, and the HCL specification on templates; what they leave open
// was tried with terraform itself.
package hcl

import (
	"fmt"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Kept reports whether terraform keeps a text: it brings all texts into the normal form NFC.
func Kept(s string) bool { return norm.NFC.IsNormalString(s) }

// Quote writes a text so that terraform takes it as it is, in the normal form that it would have anyway. A carriage return is an
// expression: behind one that stands for itself terraform finds no expressions, and not every doubled mark. Dollars before it are
// in the expression too, since $${ is no beginning of one.
func Quote(s string) string {
	return special.ReplaceAllStringFunc(norm.NFC.String(s), func(m string) string {
		if dollars, ok := strings.CutSuffix(m, "\r"); ok {
			return `${"` + dollars + `\r"}`
		}
		return m[:1] + m
	})
}

var special = regexp.MustCompile(`\$*\r|\$\{|%\{`)

// QuoteAll quotes each text of a list.
func QuoteAll(list []string) []string {
	if list == nil {
		return nil
	}
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = Quote(s)
	}
	return out
}

// Variable is the value of a variable, as a part of a text.
func Variable(name string) string { return "${var." + name + "}" }

// Unquote returns the text that [Quote] quoted, with the values of variables in their places. Any other expression is a fault.
func Unquote(s string, variables map[string]string) (string, error) {
	var failed error
	out := template.ReplaceAllStringFunc(s, func(m string) string {
		switch m {
		case "$${", "%%{":
			return m[1:]
		}
		if dollars, ok := strings.CutSuffix(m, `\r"}`); ok {
			return dollars[len(`${"`):] + "\r"
		}
		v, ok := variables[strings.TrimSuffix(strings.TrimPrefix(m, "${var."), "}")]
		if !ok || failed != nil {
			failed = fmt.Errorf("%q is no variable with a default", m)
		}
		return v
	})
	return out, failed
}

var template = regexp.MustCompile(`\$\$\{|%%\{|\$\{"\$*\\r"\}|\$\{var\.\w+\}|\$\{|%\{`)
