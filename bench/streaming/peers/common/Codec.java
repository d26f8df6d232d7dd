package dev.headrace.bench;

import java.io.IOException;

/** Avro in Confluent framing, one record at a time. Not thread-safe: buffers are used again. */
interface Codec {
  Reading decode(byte[] value) throws IOException;

  /** PredictionMade of a reading: label and both probabilities, and where the reading lay. */
  byte[] encode(Reading reading, long label, float p0, float p1, int partition, long offset) throws IOException;
}
