package dev.headrace.bench;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;

/** CloudEvents attributes and a new trace, as the other workers write them. */
final class EventHeaders {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TRACEPARENT = "00-00000000000000000000000000000000-0000000000000000-01".getBytes(StandardCharsets.US_ASCII);

  private final Work work;
  private final Header version = header("ce_specversion", "1.0");
  private final Header source;
  private final Header type;

  EventHeaders(Work work) {
    this.work = work;
    source = header("ce_source", work.source);
    type = header("ce_type", work.output);
  }

  List<Header> of(Reading reading) {
    return List.of(
        version,
        header("ce_id", work.deployment + ":" + reading.id()),
        source,
        type,
        header("ce_time", time(reading.ts())),
        new RecordHeader("traceparent", traceparent()));
  }

  private static Header header(String name, String text) {
    return new RecordHeader(name, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Always with milliseconds; Instant leaves them out when they are 0. */
  private static String time(long ts) {
    String text = Instant.ofEpochMilli(ts).toString();
    return text.length() == 20 ? text.substring(0, 19) + ".000Z" : text;
  }

  private static byte[] traceparent() {
    byte[] text = TRACEPARENT.clone();
    ThreadLocalRandom random = ThreadLocalRandom.current();
    hex(random.nextLong(), text, 3);
    hex(random.nextLong(), text, 19);
    hex(random.nextLong(), text, 36);
    return text;
  }

  private static void hex(long bits, byte[] into, int at) {
    for (int n = 0; n < 16; n++) into[at + n] = HEX[(int) (bits >>> (n * 4)) & 15];
  }
}
