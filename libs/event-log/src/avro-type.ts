import avro from 'avsc';

const types = new Map<string, avro.Type>();

/** The parsed schema, kept: parsing is slow and schemas are few. @throws Error when it is no Avro schema that avsc can read */
export function avroType(schema: string): avro.Type {
  let type = types.get(schema);
  if (!type) {
    type = avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { wrapUnions: 'auto' });
    types.set(schema, type);
  }
  return type;
}

/**
 * What reads `writer`'s bytes as `reader`. Names are compared without namespaces, as the gateway's compatibility check does.
 * @throws Error saying what cannot be resolved
 */
export function avroResolver(reader: avro.Type, writer: avro.Type): ReturnType<avro.Type['createResolver']> {
  return reader.createResolver(writer, { ignoreNamespaces: true } as never);
}
