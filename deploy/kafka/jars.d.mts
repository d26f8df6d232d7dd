export function kafkaJarsFolder(): string;
export function kafkaJarsAreCached(): boolean;
export function fetchKafkaJars(): string;
