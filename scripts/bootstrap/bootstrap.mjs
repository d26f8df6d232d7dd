import { fetchKafkaJars, kafkaJarsAreCached } from '../../deploy/kafka/jars.mjs';
import { build } from './build.mjs';
import { installDependencies } from './dependencies.mjs';
import { pinnedNode, withNode } from './pinned-node.mjs';
import { checkPrerequisites } from './prerequisites.mjs';
import { say } from './run.mjs';

/** From a bare clone to something that can run. Each step does nothing when its result is there. */
export function bootstrap(env = process.env) {
  checkPrerequisites(env);
  installDependencies(env);
  const node = pinnedNode();
  const nodeEnv = withNode(node, env);
  build(node, nodeEnv);
  if (!env.KAFKA_BROKERS && !kafkaJarsAreCached()) {
    say("fetching Kafka's jars (Maven)");
    fetchKafkaJars();
  }
  return { node, env: nodeEnv };
}
