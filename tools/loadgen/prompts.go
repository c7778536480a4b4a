package main

import (
	"encoding/json"
	"fmt"

	"fastgenbench/tools/internal/dialect"
	"fastgenbench/tools/internal/load"
	"fastgenbench/tools/internal/plan"
	"fastgenbench/tools/internal/prompt"
	"fastgenbench/tools/internal/record"
)

// compose gives a request the prompt of a job, and returns what is to be done with
// its answer.
func (c *client) compose(job load.Job, ask *dialect.Ask) (answered func(record.Outcome)) {
	content, planned := job.Content.(*plan.Content)
	if !planned {
		ask.Prompt = c.maker.Make(c.serial(job.Request), job.Prompt)
		return func(record.Outcome) {}
	}
	if content.Line != nil {
		ask.Tools, ask.Extra = content.Line.Tools, content.Line.Extra
	}
	switch line := content.Line; {
	case content.Grows() && c.server.Chats():
		return c.converse(job, content, ask)
	case line != nil && line.Messages != nil:
		ask.Messages = line.Messages
	case line != nil && line.Text != "":
		ask.Prompt.Text = line.Text
	default:
		ask.Prompt = c.prompt(job, content.Parts(job.Prompt))
	}
	return func(record.Outcome) {}
}

// converse has a chat go on: with what was said before, and the server's answers.
func (c *client) converse(job load.Job, content *plan.Content, ask *dialect.Ask) (answered func(record.Outcome)) {
	var added json.RawMessage
	if line := content.Line; line != nil && line.Delta {
		added = line.Messages
	} else {
		added = plan.UserMessage(c.prompt(job, content.Added(job.Prompt)).Text)
	}
	ask.Messages, ask.Keep = content.Talk.With(added), job.Left > 0
	return func(o record.Outcome) {
		if ask.Keep && o.Status == record.OK {
			content.Talk.Answered(added, o.Answer, o.Prompt.Int()+o.Generated.Int())
		}
	}
}

// prompt writes a prompt. What parts name is the point's own: no point finds in a
// cache what another one left.
func (c *client) prompt(job load.Job, parts []prompt.Part) prompt.Prompt {
	for i, part := range parts {
		if part.Name != "" {
			parts[i].Name = fmt.Sprintf("%d/%s", c.point.index, part.Name)
		}
	}
	return c.maker.Compose(c.serial(job.Request), parts)
}

// checkContent refuses what the server cannot be asked.
func (s *sweep) checkContent() error {
	if s.schedule != nil && s.schedule.Messages && !s.server.Chats() {
		return fmt.Errorf("%s has messages, which need OpenAI's chats: give --chat", s.schedule.Name)
	}
	return nil
}
