// Creates the platform's topics that are missing, then ends; safe to repeat. The supervisor does the same at its start.
import { provisionTopics } from '../../apps/cli/dist/supervisor/provision-topics.js';

await provisionTopics(process.env);
console.log(`topics are there on ${process.env.KAFKA_BROKERS}`);
