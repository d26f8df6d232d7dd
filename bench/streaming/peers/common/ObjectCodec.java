package dev.headrace.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/** As Avro's documentation shows: generic records through datum readers and writers, decoder, encoder and input record reused. */
final class ObjectCodec implements Codec {
  private final Work work;
  private final GenericDatumReader<GenericRecord> reader;
  private final GenericDatumWriter<GenericRecord> writer;
  private final Schema tensorSchema;
  private final Schema placeSchema;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
  private BinaryDecoder decoder;
  private BinaryEncoder encoder;
  private GenericRecord reused;

  ObjectCodec(Work work) {
    this.work = work;
    reader = new GenericDatumReader<>(work.inputSchema);
    writer = new GenericDatumWriter<>(work.outputSchema);
    tensorSchema = work.outputSchema.getField("outputs").schema().getElementType();
    placeSchema = work.outputSchema.getField("input").schema().getTypes().get(1);
  }

  @Override
  public Reading decode(byte[] value) throws IOException {
    decoder = DecoderFactory.get().binaryDecoder(value, work.prefix.length, value.length - work.prefix.length, decoder);
    reused = reader.read(reused, decoder);
    double[] features = new double[Work.FEATURES];
    for (int n = 0; n < Work.FEATURES; n++) features[n] = (Double) reused.get(n + 2);
    return new Reading(reused.get(0).toString(), (Long) reused.get(1), features);
  }

  @Override
  public byte[] encode(Reading reading, long label, float p0, float p1, int partition, long offset) throws IOException {
    GenericRecord made = new GenericData.Record(work.outputSchema);
    made.put("predictionId", work.deployment + ":" + reading.id());
    made.put("recordId", reading.id());
    made.put("deployment", work.deployment);
    made.put("model", work.modelName);
    made.put("version", work.modelVersion);
    made.put("runId", work.runId);
    made.put("eventTime", reading.ts());
    made.put("score", (double) p1);
    made.put("outputs", List.of(
        tensor("label", "INT64", List.of(), List.of((double) label)),
        tensor("probabilities", "FP32", List.of(2), List.of((double) p0, (double) p1))));
    made.put("input", place(partition, offset));
    bytes.reset();
    bytes.write(work.prefix);
    encoder = EncoderFactory.get().directBinaryEncoder(bytes, encoder);
    writer.write(made, encoder);
    return bytes.toByteArray();
  }

  private GenericRecord tensor(String name, String datatype, List<Integer> shape, List<Double> values) {
    GenericRecord tensor = new GenericData.Record(tensorSchema);
    tensor.put(0, name);
    tensor.put(1, datatype);
    tensor.put(2, shape);
    tensor.put(3, values);
    return tensor;
  }

  private GenericRecord place(int partition, long offset) {
    GenericRecord place = new GenericData.Record(placeSchema);
    place.put(0, work.input);
    place.put(1, partition);
    place.put(2, offset);
    return place;
  }
}
