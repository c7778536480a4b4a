package source

import (
	"encoding/json"
	"errors"
	"strconv"

	"fastgenbench/tools/internal/workload"
)

// bailian is the format of the traces of Qwen on Aliyun Bailian. Seen on
// 2026-11-26 in alibaba-edu/qwen-bailian-usagetraces-anon: the page, which gives a
// record with chat_id, parent_chat_id (-1 where a chat begins), timestamp in seconds
// from the trace's begin, input_length, output_length, type, turn and hash_ids of
// blocks of 16 tokens, and docs/qa-context-growth-pattern.md: a prompt holds its
// whole context. The traces themselves lie in Git LFS and were not seen.
var bailian = Format{
	Name: "bailian", Holds: "JSONL: traces of Qwen on Aliyun Bailian, with hash_ids of blocks of 16 tokens",
	keys: []string{"chat_id", "parent_chat_id"}, BlockSize: bailianBlock,
	read: readBailian,
}

const bailianBlock = 16

// readBailian keeps, for each chat that nothing followed yet, the session that it
// is in. A chat is the next turn of its parent's session if it is the first to
// follow the parent; another one that follows it branches off and begins a session
// of its own, since it did not wait for the first.
func readBailian(in *input) error {
	last := map[int64]string{}
	return in.eachLine(func(line []byte) error {
		one, err := workload.Parse(line)
		if err != nil {
			return err
		}
		chat := struct {
			ID     *int64 `json:"chat_id"`
			Parent int64  `json:"parent_chat_id"`
		}{Parent: -1}
		if err := json.Unmarshal(line, &chat); err != nil || chat.ID == nil {
			return errors.New("chat_id and parent_chat_id are not whole numbers")
		}
		if err := one.CheckBlocks(bailianBlock); err != nil {
			return err
		}
		session, follows := last[chat.Parent]
		if delete(last, chat.Parent); !follows {
			session = strconv.FormatInt(*chat.ID, 10)
		}
		last[*chat.ID] = session
		one.Session = session
		one.Timestamp = one.Timestamp.Times(1e3) // it was seconds
		return in.put(one)
	})
}
