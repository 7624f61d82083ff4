package main

import (
	"github.com/spf13/cobra"

	"github.com/collaudo/collaudo/conformance"
)

// shardFlag makes --shard set the shard of a run.
func shardFlag(command *cobra.Command, shard *conformance.Shard) {
	command.Flags().Func("shard", "play only part i of n, for 'collaudo report merge' to put together, e.g. 2/4 (index=1/4 counts from 0)", func(text string) (err error) {
		*shard, err = conformance.ParseShard(text)
		return plain(err)
	})
}
