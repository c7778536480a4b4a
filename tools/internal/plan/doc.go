// Package plan makes the plans of loads: requests that are drawn, alone or as the
// turns of sessions, and workloads that are read from a file. It also knows what
// the prompt of a planned request is made of.
package plan
