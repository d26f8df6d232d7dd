package dev.headrace.bench;

import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * A processor that scores each record as it comes. Holding records back to score them together would lose them: offsets of what a
 * processor has taken are committed whether it has forwarded or not, and a punctuation is not tied to the commit. A buffer in a state
 * store would not lose them, but write every record to a changelog as well.
 */
public final class KafkaStreamsWorker {
  private KafkaStreamsWorker() {}

  public static void main(String[] args) throws Exception {
    Work.waitForGo();
    Work work = new Work();
    Topology topology = new Topology();
    topology.addSource("readings", work.input);
    topology.addProcessor("score", () -> new Score(work), "readings");
    topology.addSink("predictions", work.output, "score");
    KafkaStreams streams = new KafkaStreams(topology, settings(work));
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
      return null;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private static Properties settings(Work work) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, work.group);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, work.brokers);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.ByteArraySerde.class);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, work.folder);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Math.min(4, Runtime.getRuntime().availableProcessors()));
    // The default under exactly-once is 100 ms; fewer transactions cost less.
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 1000);
    settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, work.batch);
    settings.put(StreamsConfig.METRICS_RECORDING_LEVEL_CONFIG, "INFO");
    settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
    settings.put(StreamsConfig.consumerPrefix("max.poll.records"), work.batch);
    settings.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 2 * 1024 * 1024);
    settings.put(StreamsConfig.consumerPrefix("fetch.max.bytes"), 16 * 1024 * 1024);
    settings.put(StreamsConfig.producerPrefix("batch.size"), 1_000_000);
    settings.put(StreamsConfig.producerPrefix("buffer.memory"), 64 * 1024 * 1024);
    settings.put(StreamsConfig.producerPrefix("retry.backoff.ms"), 5);
    return settings;
  }

  private static final class Score implements Processor<byte[], byte[], byte[], byte[]> {
    private final Codec codec;
    private final EventHeaders headers;
    private final Model model;
    private ProcessorContext<byte[], byte[]> context;

    Score(Work work) {
      codec = new DirectCodec(work);
      headers = new EventHeaders(work);
      try {
        model = new Model(work.modelFile, 1);
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
      this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
      try {
        RecordMetadata place = context.recordMetadata().orElseThrow();
        Reading reading = codec.decode(record.value());
        model.clear();
        model.add(reading.features());
        model.run();
        byte[] value = codec.encode(
            reading, model.label(0), model.probability(0, 0), model.probability(0, 1), place.partition(), place.offset());
        context.forward(record.withValue(value).withHeaders(new RecordHeaders(headers.of(reading).toArray(new Header[0]))));
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    }

    @Override
    public void close() {
      try {
        model.close();
      } catch (Exception error) {
        throw new IllegalStateException(error);
      }
    }
  }
}
