package dev.headrace.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Poll, score, transaction: everything one poll returns is one call of the model and one transaction with its offsets. */
public final class JavaWorker {
  private final Work work = new Work();
  private final EventHeaders headers = new EventHeaders(work);
  private final Codec codec;
  private final Model model;
  private final KafkaProducer<byte[], byte[]> producer;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Reading[] readings;

  private JavaWorker(boolean direct) throws Exception {
    codec = direct ? new DirectCodec(work) : new ObjectCodec(work);
    model = new Model(work.modelFile, work.batch);
    readings = new Reading[work.batch];
    producer = new KafkaProducer<>(producerSettings(), new ByteArraySerializer(), new ByteArraySerializer());
    consumer = new KafkaConsumer<>(consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  public static void main(String[] args) throws Exception {
    boolean direct = args[0].equals("direct");
    Work.waitForGo();
    JavaWorker worker = new JavaWorker(direct);
    Thread loop = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      worker.consumer.wakeup();
      try {
        loop.join(10_000);
      } catch (InterruptedException ignored) {
        // The JVM ends anyway.
      }
    }));
    worker.run();
  }

  private void run() throws Exception {
    try (model; producer; consumer) {
      producer.initTransactions();
      consumer.subscribe(List.of(work.input));
      while (true) {
        ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofSeconds(1));
        if (!records.isEmpty()) score(records);
      }
    } catch (WakeupException stopped) {
      // Asked to end.
    }
  }

  private void score(ConsumerRecords<byte[], byte[]> records) throws Exception {
    decode(records);
    model.run();
    producer.beginTransaction();
    int row = 0;
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      producer.send(prediction(record, row++));
    }
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> of = records.records(partition);
      offsets.put(partition, new OffsetAndMetadata(of.get(of.size() - 1).offset() + 1));
    }
    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
    producer.commitTransaction();
  }

  private void decode(ConsumerRecords<byte[], byte[]> records) throws IOException {
    model.clear();
    int row = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Reading reading = codec.decode(record.value());
      readings[row++] = reading;
      model.add(reading.features());
    }
  }

  private ProducerRecord<byte[], byte[]> prediction(ConsumerRecord<byte[], byte[]> record, int row) throws IOException {
    Reading reading = readings[row];
    byte[] value = codec.encode(
        reading, model.label(row), model.probability(row, 0), model.probability(row, 1), record.partition(), record.offset());
    return new ProducerRecord<>(work.output, record.partition(), null, record.key(), value, headers.of(reading));
  }

  private Properties producerSettings() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", work.brokers);
    settings.put("transactional.id", work.group);
    settings.put("acks", "all");
    // A batch just below the broker's largest: few requests a transaction. The flush of the commit ends the lingering.
    settings.put("batch.size", 1_000_000);
    settings.put("linger.ms", 5);
    settings.put("buffer.memory", 64 * 1024 * 1024);
    // CONCURRENT_TRANSACTIONS right after a commit is normal; the default waits 100 ms.
    settings.put("retry.backoff.ms", 5);
    return settings;
  }

  private Properties consumerSettings() {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", work.brokers);
    settings.put("group.id", work.group);
    settings.put("auto.offset.reset", "earliest");
    settings.put("enable.auto.commit", false);
    settings.put("isolation.level", "read_committed");
    settings.put("max.poll.records", work.batch);
    settings.put("fetch.min.bytes", 1);
    settings.put("max.partition.fetch.bytes", 2 * 1024 * 1024);
    settings.put("fetch.max.bytes", 16 * 1024 * 1024);
    settings.put("receive.buffer.bytes", 1024 * 1024);
    settings.put("check.crcs", true);
    return settings;
  }
}
