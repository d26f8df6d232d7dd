package dev.headrace.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.Utf8;

/**
 * Hand-written for these two schemas: field after field through Avro's decoder and encoder, no generic record in between. What a team
 * would write when the loop above is too slow; it no longer follows a schema that changes.
 */
final class DirectCodec implements Codec {
  private static final int DOUBLE = 0;
  private static final int NOT_NULL = 1;

  private final Work work;
  private final Utf8 input, deployment, model, runId;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;

  DirectCodec(Work work) {
    this.work = work;
    input = new Utf8(work.input);
    deployment = new Utf8(work.deployment);
    model = new Utf8(work.modelName);
    runId = new Utf8(work.runId);
  }

  @Override
  public Reading decode(byte[] value) throws IOException {
    decoder = DecoderFactory.get().binaryDecoder(value, work.prefix.length, value.length - work.prefix.length, decoder);
    String id = decoder.readString();
    long ts = decoder.readLong();
    double[] features = new double[Work.FEATURES];
    for (int n = 0; n < Work.FEATURES; n++) features[n] = decoder.readDouble();
    return new Reading(id, ts, features);
  }

  @Override
  public byte[] encode(Reading reading, long label, float p0, float p1, int partition, long offset) throws IOException {
    bytes.reset();
    bytes.write(work.prefix);
    encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
    encoder.writeString(work.deployment + ":" + reading.id());
    encoder.writeString(reading.id());
    encoder.writeString(deployment);
    encoder.writeString(model);
    encoder.writeInt(work.modelVersion);
    encoder.writeIndex(NOT_NULL);
    encoder.writeString(runId);
    encoder.writeLong(reading.ts());
    encoder.writeIndex(NOT_NULL);
    encoder.writeDouble(p1);
    writeOutputs(label, p0, p1);
    encoder.writeIndex(0);
    encoder.writeIndex(NOT_NULL);
    encoder.writeString(input);
    encoder.writeInt(partition);
    encoder.writeLong(offset);
    return bytes.toByteArray();
  }

  private void writeOutputs(long label, float p0, float p1) throws IOException {
    encoder.writeArrayStart();
    encoder.setItemCount(2);
    encoder.writeString("label");
    encoder.writeString("INT64");
    encoder.writeArrayStart();
    encoder.setItemCount(0);
    encoder.writeArrayEnd();
    writeValues(label);
    encoder.writeString("probabilities");
    encoder.writeString("FP32");
    encoder.writeArrayStart();
    encoder.setItemCount(1);
    encoder.writeInt(2);
    encoder.writeArrayEnd();
    writeValues(p0, p1);
    encoder.writeArrayEnd();
  }

  private void writeValues(double... values) throws IOException {
    encoder.writeArrayStart();
    encoder.setItemCount(values.length);
    for (double value : values) {
      encoder.writeIndex(DOUBLE);
      encoder.writeDouble(value);
    }
    encoder.writeArrayEnd();
  }
}
