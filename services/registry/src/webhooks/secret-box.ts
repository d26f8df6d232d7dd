import { HeadraceError } from '@headrace/service-kit';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Secrets as they are stored: AES-256-GCM, nonce, tag and text in one base64. */
export class SecretBox {
  /** @param key 32 bytes; undefined where none is configured, and no secret can be kept */
  constructor(private readonly key: Buffer | undefined) {}

  /** @throws HeadraceError INPUT_INVALID without a key */
  seal(secret: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOrThrow(), nonce);
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
  }

  /** @throws Error when the key is another one than it was sealed with */
  open(sealed: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', this.keyOrThrow(), bytes.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
  }

  private keyOrThrow(): Buffer {
    if (this.key) return this.key;
    throw new HeadraceError('INPUT_INVALID', 'Secrets are kept encrypted, and no WEBHOOK_SECRET_KEY is set');
  }
}
