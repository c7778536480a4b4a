// Serve-launch starts an inference server, says when it answers, and stops it.
package main

import (
	"os"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/launch"
)

const manual = `It writes one server row to stdout as soon as the server has completed a
request of one token. In a pipe the server lives as long as the reader does;
behind "--" it lives as long as the command, which gets the row as its
input; start, stop, restart and status are for a server that outlives the
call. Nothing of the server is left behind, whatever dies first.

  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect
  serve-launch --backend sim-vllm -- loadgen --num-clients 4 --out-dir results
  serve-launch detect

--backend openai starts nothing: it looks whether the server at --url
answers. API keys come from $OPENAI_API_KEY or --api-key-file.`

func main() {
	if launch.IsGuard(os.Args[1:]) {
		os.Exit(launch.Guard(os.Args[1:])) // this process is the guard of another's server
	}
	cmdline.Main(tool())
}

func tool() cmdline.Tool {
	const lasting = "The server is known by --name, the backend's name when not given."
	return cmdline.Tool{
		Name: "serve-launch", Summary: "starts a server, says when it answers, stops it",
		Manual: manual, Operands: "[-- command ...]", Guarded: true, Flags: flags(), Run: run,
		Commands: []cmdline.Tool{
			{Name: "start", Summary: "start a server that outlives this call", Manual: lasting, Flags: flags(), Run: start},
			{Name: "stop", Summary: "stop such a server", Manual: lasting, Flags: stopFlags(), Run: stop},
			{Name: "restart", Summary: "stop it if it runs, and start it", Manual: lasting, Flags: flags(), Run: restart},
			{Name: "status", Summary: "write the row of each that runs", Manual: "A server that has ended is not listed.", Run: status},
			{Name: "detect", Summary: "say which backends can run here and what the others lack",
				Manual:   "Writes CSV: backend, runs here (yes or no), what it lacks and what would bring it.\nWith operands the exit status is 1 when one of them cannot run.",
				Operands: "[backend ...]", Flags: settingFlags(), Run: detect},
		},
	}
}
