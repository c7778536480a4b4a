// Serve-launch starts an inference server, reports when it is ready, and stops it.
package main

import (
	"os"

	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/launch"
)

const manual = `It writes one server row to stdout when the server has completed a request of one
token. In a pipe it stops the server when the reader exits; with a command after
"--", which gets the row as its input, when the command exits. start, stop, restart
and status are for a server that outlives the call. No process of the server is
left behind, even if serve-launch is killed.

  serve-launch --backend sim-fastgen | loadgen --num-clients 1,2,4 --stream | collect
  serve-launch --backend sim-vllm -- loadgen --num-clients 4 --out-dir results
  serve-launch detect

--backend openai starts nothing: it checks that the server at --url responds.
API keys come from $OPENAI_API_KEY or --api-key-file.`

func main() {
	if launch.IsGuard(os.Args[1:]) {
		os.Exit(launch.Guard(os.Args[1:])) // this process is the guard of another's server
	}
	cmdline.Main(tool())
}

func tool() cmdline.Tool {
	const lasting = "The server is identified by --name, by default the backend's name."
	return cmdline.Tool{
		Name: "serve-launch", Summary: "starts an inference server, reports when it is ready, and stops it",
		Manual: manual, Operands: "[-- command ...]", Guarded: true, Flags: flags(), Run: run,
		Commands: []cmdline.Tool{
			{Name: "start", Summary: "start a server that outlives this call", Manual: lasting, Flags: flags(), Run: start},
			{Name: "stop", Summary: "stop a server that start started", Manual: lasting, Flags: stopFlags(), Run: stop},
			{Name: "restart", Summary: "stop the server if it is running, and start it", Manual: lasting, Flags: flags(), Run: restart},
			{Name: "status", Summary: "write the row of each running server", Manual: "Servers that have ended are not listed.", Run: status},
			{Name: "detect", Summary: "report which backends can run here, and what the others lack",
				Manual:   "Writes CSV: backend, whether it runs here (yes or no), what it lacks and how to get it.\nWith operands the exit status is 1 if one of them cannot run.",
				Operands: "[backend ...]", Flags: settingFlags(), Run: detect},
		},
	}
}
