package protocol

// key is a key whose value means something somewhere.
type key uint8

const (
	stranger key = iota
	keyChoices
	keyUsage
	keyTimings
	keyObject
	keyError
	keyText
	keyDelta
	keyFinishReason
	keyTokenIDs
	keyContent
	keyReasoningContent
	keyReasoning
	keyRole
	keyPromptTokens
	keyCompletionTokens
	keyTotalTokens
	keyPromptTokensDetails
	keyCachedTokens
	keyPredictedN
)

func keyOf(word []byte) key {
	switch string(word) {
	case "choices":
		return keyChoices
	case "usage":
		return keyUsage
	case "timings":
		return keyTimings
	case "object":
		return keyObject
	case "error":
		return keyError
	case "text":
		return keyText
	case "delta":
		return keyDelta
	case "finish_reason":
		return keyFinishReason
	case "token_ids":
		return keyTokenIDs
	case "content":
		return keyContent
	case "reasoning_content":
		return keyReasoningContent
	case "reasoning":
		return keyReasoning
	case "role":
		return keyRole
	case "prompt_tokens":
		return keyPromptTokens
	case "completion_tokens":
		return keyCompletionTokens
	case "total_tokens":
		return keyTotalTokens
	case "prompt_tokens_details":
		return keyPromptTokensDetails
	case "cached_tokens":
		return keyCachedTokens
	case "predicted_n":
		return keyPredictedN
	}
	return stranger
}
