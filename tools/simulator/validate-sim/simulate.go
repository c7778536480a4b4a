package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"fastgenbench/docs/published"
	"fastgenbench/tools/internal/cmdline"
	"fastgenbench/tools/internal/csvio"
	"fastgenbench/tools/internal/record"
	"fastgenbench/tools/simulator/sim"
)

// virtualEngine is the engine of rows that never saw a server.
const virtualEngine = "sim-engine virtual time"

func simulateFlags() []cli.Flag {
	return []cli.Flag{&cli.StringFlag{Name: "figure", Usage: "only figures whose name contains `TEXT`, such as fig8"}}
}

func simulateFigures(ctx context.Context, c *cli.Context, std *cmdline.Std) error {
	return writeSimulated(ctx, c.String("figure"), std)
}

// writeSimulated writes the requests of the model at the published loads of the
// figures whose name holds text.
func writeSimulated(ctx context.Context, text string, std *cmdline.Std) error {
	points, err := figurePoints(text)
	if err != nil {
		return err
	}
	w := csvio.NewWriter[record.Request](std.Out)
	for _, p := range points {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		m, err := simulate(p, sim.Constants(), requests(p))
		if err != nil {
			return err
		}
		if err := writeRows(w, m.rows); err != nil {
			return err
		}
	}
	return nil
}

// figurePoints are the published points of the figures whose name holds text,
// and the load of the published percentiles.
func figurePoints(text string) ([]published.Point, error) {
	points, err := published.Points()
	if err != nil {
		return nil, err
	}
	percentiles, err := published.TokenLatencies()
	if err != nil {
		return nil, err
	}
	for _, p := range percentiles {
		points = append(points, published.Point{Config: p.Config, Clients: p.Clients, LatencyS: math.NaN(), EffectiveRPS: math.NaN()})
	}
	points = slices.DeleteFunc(points, func(p published.Point) bool { return !strings.Contains(p.Figure, text) })
	if len(points) == 0 {
		return nil, fmt.Errorf("no published point in figures with %q", text)
	}
	return points, nil
}

// writeRows writes rows as loadgen does, one per request.
func writeRows(w *csvio.Writer[record.Request], rows []record.Request) error {
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			return err
		}
	}
	return nil
}
