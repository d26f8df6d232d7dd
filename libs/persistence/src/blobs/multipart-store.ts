export interface PartUpload {
  /** From 1 on. */
  readonly partNumber: number;
  /** Where the client itself puts the part. */
  readonly url: string;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** What a store can do that clients may reach themselves: large files bypass this process, by URLs that are good for a while. */
export interface DirectAccess {
  createUpload(path: string, parts: number): Promise<{ uploadId: string; parts: PartUpload[] }>;
  completeUpload(path: string, uploadId: string, parts: readonly UploadedPart[]): Promise<void>;
  abortUpload(path: string, uploadId: string): Promise<void>;
  /** @throws HeadraceError NOT_FOUND when there is no such file */
  downloadUrl(path: string): Promise<{ url: string; sizeBytes: number }>;
}
