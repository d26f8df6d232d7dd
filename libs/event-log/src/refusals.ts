import { HeadraceError, type ErrorCode } from '@headrace/service-kit';
import { types } from 'node:util';

interface Refusal {
  readonly code: ErrorCode;
  readonly advice: string;
}

const forbidden = (advice: string): Refusal => ({ code: 'FORBIDDEN', advice });
const misconfigured = (advice: string): Refusal => ({ code: 'CONFIG_INVALID', advice });

const UNKNOWN_CA = misconfigured("KAFKA_SSL_CA_FILE must name the authority that signed the broker's certificate");
const CLIENT_CERTIFICATE = misconfigured(
  'the listener wants a client certificate that it trusts: KAFKA_SSL_CERT_FILE and KAFKA_SSL_KEY_FILE',
);
const NO_TLS = misconfigured('the listener does not speak TLS: name its TLS port in KAFKA_BROKERS, or unset KAFKA_SSL');
const LOGIN = misconfigured(
  'KAFKA_SASL_USERNAME or KAFKA_SASL_PASSWORD is not what the broker knows for KAFKA_SASL_MECHANISM',
);
/** kafkajs keeps the broker's answer to itself, so that it may be either. */
const NO_COORDINATOR: Refusal = {
  code: 'UNAVAILABLE',
  advice:
    'No broker names a coordinator: they are still starting, or the Kafka user lacks the ACL Read on the consumer group or Write on the transactional id',
};
const MECHANISM = misconfigured('KAFKA_SASL_MECHANISM is not one that the listener offers');

/** By Kafka's error, by Node's TLS error code, or by the client's class of error. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  TOPIC_AUTHORIZATION_FAILED: forbidden(
    'the Kafka user lacks an ACL on a topic: Read to consume it, Write to produce to it, Create to make it',
  ),
  // A transaction takes all its topics or none: one of them is forbidden.
  OPERATION_NOT_ATTEMPTED: forbidden('the Kafka user lacks the ACL Write on one of these topics'),
  GROUP_AUTHORIZATION_FAILED: forbidden('the Kafka user lacks the ACL Read on the consumer group'),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: forbidden(
    'the Kafka user lacks the ACLs Write and Describe on the transactional id',
  ),
  CLUSTER_AUTHORIZATION_FAILED: forbidden(
    'the Kafka user may write to no topic at all, or lacks the ACL on the cluster: Create to make topics',
  ),
  KafkaJSGroupCoordinatorNotFound: NO_COORDINATOR,
  KafkaJSSASLAuthenticationError: LOGIN,
  SASL_AUTHENTICATION_FAILED: LOGIN,
  PLT_KFK_AUTHENTICATION: LOGIN,
  UNSUPPORTED_SASL_MECHANISM: MECHANISM,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_CA,
  CERT_HAS_EXPIRED: misconfigured("the broker's certificate has expired"),
  ERR_TLS_CERT_ALTNAME_INVALID: misconfigured(
    "the broker's certificate is for another name than the one in KAFKA_BROKERS or in the broker's advertised.listeners",
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
};

/** TLS alerts by which a server refuses a client's certificate, or the lack of one; the code's beginning varies with the TLS version. */
const CERTIFICATE_ALERT = /^ERR_SSL_.*ALERT_(BAD_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|HANDSHAKE_FAILURE)$/;

const GUIDE = 'docs/guides/secured-kafka.md';

/**
 * What a broker refuses because of a login, a certificate or a missing ACL, as far as the error or one below it says so; undefined for
 * everything else. FORBIDDEN and CONFIG_INVALID are never to be retried: somebody must change an ACL or a setting first.
 * @param what was to be done, with the names of topics, group or transactional id
 */
export function refusalOf(what: string, error: unknown): HeadraceError | undefined {
  for (const each of withinError(error)) {
    const refusal = signsOf(each).map(refusalBy).find(Boolean);
    if (refusal)
      return new HeadraceError(refusal.code, `${what}: ${each.message.trim()}. ${refusal.advice} (${GUIDE})`, {
        cause: error,
      });
  }
  return undefined;
}

/** What to do about one of Kafka's errors, by its name; undefined where it is no refusal. */
export function adviceOn(name: string): string | undefined {
  const refusal = refusalBy(name);
  return refusal && `${refusal.advice} (${GUIDE})`;
}

function refusalBy(sign: string): Refusal | undefined {
  return REFUSALS[sign] ?? (CERTIFICATE_ALERT.test(sign) ? CLIENT_CERTIFICATE : undefined);
}

/** The error itself, then what it was caused by or made of. */
function* withinError(error: unknown): Generator<Error> {
  // Not instanceof: Node's own errors are of another realm inside a test runner's sandbox.
  if (!types.isNativeError(error)) return;
  yield error;
  yield* withinError(error.cause);
  for (const part of (error as { errors?: unknown[] }).errors ?? []) yield* withinError(part);
}

/** kafkajs says `type`, @platformatic/kafka `apiId`, Node `code`. */
function signsOf(error: Error): string[] {
  const { type, apiId, code, name } = error as { type?: unknown; apiId?: unknown; code?: unknown; name: string };
  return [type, apiId, code, name].filter((sign) => typeof sign === 'string');
}
