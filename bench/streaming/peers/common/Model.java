package dev.headrace.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.Map;

/** An ONNX classifier on one thread, with an input buffer outside of the heap that is filled again for each call. Not thread-safe. */
final class Model implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final String inputName;
  private final FloatBuffer input;
  private int rows;
  private LongBuffer labels;
  private FloatBuffer probabilities;

  Model(String file, int maxRows) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(file, options);
    }
    inputName = session.getInputNames().iterator().next();
    input = ByteBuffer.allocateDirect(maxRows * Work.FEATURES * Float.BYTES).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  void clear() {
    rows = 0;
    input.clear();
  }

  void add(double[] features) {
    for (double feature : features) input.put((float) feature);
    rows++;
  }

  /** Of the rows added since the last clear; read the answers by row before the next run. */
  void run() throws OrtException {
    input.flip();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, input, new long[] {rows, Work.FEATURES});
        OrtSession.Result result = session.run(Map.of(inputName, tensor))) {
      labels = ((OnnxTensor) result.get(0)).getLongBuffer();
      probabilities = ((OnnxTensor) result.get(1)).getFloatBuffer();
    }
  }

  long label(int row) {
    return labels.get(row);
  }

  float probability(int row, int column) {
    return probabilities.get(row * 2 + column);
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
