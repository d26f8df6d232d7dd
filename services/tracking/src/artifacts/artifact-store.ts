import { S3Client } from '@aws-sdk/client-s3';
import { LocalBlobStore, S3BlobStore, type BlobStore, type DirectAccess } from '@headrace/persistence';
import type { TrackingConfig } from '../config.js';

/** The store that the configuration names: a bucket, or else a folder. */
export function artifactStore(config: TrackingConfig): BlobStore {
  const { ARTIFACTS_S3_BUCKET: bucket, ARTIFACTS_S3_PREFIX: prefix, ARTIFACTS_S3_ENDPOINT: endpoint } = config;
  if (bucket === undefined) return new LocalBlobStore(config.ARTIFACTS_DIR);
  // Other servers rarely serve a bucket under a host name of its own.
  return new S3BlobStore(
    new S3Client(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    bucket,
    prefix,
  );
}

/** The store, where clients may reach it themselves. */
export function directAccess(store: BlobStore): (BlobStore & DirectAccess) | undefined {
  return 'createUpload' in store ? (store as BlobStore & DirectAccess) : undefined;
}
