// Package plan makes the plans of loads: requests drawn from a seed, single or as the
// turns of sessions, and workloads read from a file. It also determines the contents
// of each planned prompt.
package plan
