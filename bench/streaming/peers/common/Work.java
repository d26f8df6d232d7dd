package dev.headrace.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.avro.Schema;

/** What a Java peer is told: BENCH_* variables. */
final class Work {
  static final int FEATURES = 30;

  final String brokers = setting("BROKERS");
  final String input = setting("INPUT");
  final String output = setting("OUTPUT");
  final String group = setting("GROUP");
  final String deployment = setting("DEPLOYMENT");
  final String modelFile = setting("MODEL_FILE");
  final String modelName = setting("MODEL_NAME");
  final int modelVersion = Integer.parseInt(setting("MODEL_VERSION"));
  final String runId = setting("RUN_ID");
  final String source = setting("SOURCE");
  /** Temporary; removed after the run. */
  final String folder = setting("FOLDER");
  final int batch = Integer.parseInt(setting("BATCH"));
  final Schema inputSchema = schema("INPUT_SCHEMA");
  final Schema outputSchema = schema("OUTPUT_SCHEMA");
  /** Confluent framing: magic byte 0 and the id, big endian. */
  final byte[] prefix = ByteBuffer.allocate(5).put((byte) 0).putInt(Integer.parseInt(setting("SCHEMA_ID"))).array();

  /** Says that the JVM stands, and returns when it shall begin. */
  static void waitForGo() throws IOException {
    System.out.println("ready");
    while (System.in.read() != '\n') {}
  }

  private static String setting(String name) {
    return System.getenv("BENCH_" + name);
  }

  private static Schema schema(String name) {
    try {
      return new Schema.Parser().parse(Path.of(setting(name)).toFile());
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }
}
