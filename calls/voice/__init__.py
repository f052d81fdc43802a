"""Mirror's own voice: text to audio in the format of a stream."""
