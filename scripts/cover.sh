#!/usr/bin/env bash
# Prints how much of each package the tests run: its own, and the script tests and
# documented commands, whose programs are built with -cover. Fails below 85 % over
# all, or below 70 % of a package. Packages that only tests import are omitted.
set -euo pipefail
cd "$(dirname "$0")/.."
export GOCOVERDIR
GOCOVERDIR=$(mktemp -d)
trap 'rm -rf "$GOCOVERDIR"' EXIT
GOFLAGS="${GOFLAGS:-} -cover" go test -vet=off -exec "env GOCOVERDIR=$GOCOVERDIR" ./... -args -test.gocoverdir="$GOCOVERDIR" >&2
programs=$(go list -f '{{if eq .Name "main"}}{{.ImportPath}}{{end}}' ./...)
packages=$(go list -deps $programs | grep '^fastgenbench/' | paste -sd,)
go tool covdata textfmt -i="$GOCOVERDIR" -pkg="$packages" -o "$GOCOVERDIR/profile"
awk -v least=85 -v each=70 '
  NR > 1 { split($1, at, ":"); sub(/\/[^\/]*$/, "", at[1]); of[$1] = at[1]; size[$1] = $2; if ($3 > 0) run[$1] = 1 }
  END {
    for (one in of) { total += size[one]; all[of[one]] += size[one]; if (run[one]) { sum += size[one]; ran[of[one]] += size[one] } }
    for (p in all) {
      share = 100 * ran[p] / all[p]
      printf "%5.1f %%  %s\n", share, p | "sort -n"
      if (share < each) low = low " " p
    }
    close("sort -n")
    printf "%5.1f %%  all packages\n", 100 * sum / total
    if (low != "") { print "below " each " %:" low; exit 1 }
    if (100 * sum < least * total) { print "below " least " %"; exit 1 }
  }' "$GOCOVERDIR/profile"
