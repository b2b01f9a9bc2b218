// Command sigma writes what becomes of the public Sigma rules in each language: a table for people. With a number N it verifies
// every N-th rule in each language instead, which takes its time. Without the corpus it leaves the table as it is.
package main

import (
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/onerule/onerule/internal/sigmatable"
)

func main() {
	if len(os.Args) < 3 || len(os.Args) > 4 {
		fail("usage: sigma CORPUS TABLE [N]", 2)
	}
	corpus, table := os.Args[1], os.Args[2]
	if _, err := os.Stat(corpus); err != nil {
		fmt.Fprintf(os.Stderr, "sigma: there is no corpus at %s; the table stays as it is\n", corpus)
		return
	}
	var text string
	if len(os.Args) == 3 {
		text = sigmatable.Make(corpus).Markdown()
	} else {
		n, err := strconv.Atoi(os.Args[3])
		if err != nil || n < 1 {
			fail("sigma: N is a number of 1 or more", 2)
		}
		text = sigmatable.Verify(corpus, n, told()).Markdown()
	}
	if err := os.WriteFile(table, []byte(text), 0o666); err != nil {
		fail(err.Error(), 1)
	}
}

// told writes to standard error how far the work is, after each twentieth of it.
func told() sigmatable.Progress {
	start, next := time.Now(), 0
	return func(done, all int) {
		if 100*done >= next*all {
			fmt.Fprintf(os.Stderr, "sigma: %d of %d after %s\n", done, all, time.Since(start).Round(time.Second))
			next = 100*done/all + 5
		}
	}
}

func fail(message string, code int) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(code)
}
