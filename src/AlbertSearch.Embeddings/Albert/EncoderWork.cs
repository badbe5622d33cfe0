namespace AlbertSearch.Embeddings.Albert;

/// <summary>What a thread does next: a slice of a job, or help for a crew.</summary>
internal readonly record struct EncoderWork(BatchPriority Priority, EncoderJob? Job, int FirstSequence, int EndSequence, EncoderCrew? Crew);
