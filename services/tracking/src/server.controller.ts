import { MLFLOW_VERSION, MlflowController, MlflowGet } from '@headrace/mlflow-protocol';
import { BlobStore } from '@headrace/persistence';
import { Controller, Get, Header, Inject } from '@nestjs/common';
import { directAccess } from './artifacts/artifact-store.js';

/** What MLflow's clients ask a server before they use it. */
@Controller()
export class ServerController {
  @Get('health')
  @Header('content-type', 'text/plain; charset=utf-8')
  health(): string {
    return 'OK';
  }

  @Get('version')
  @Header('content-type', 'text/plain; charset=utf-8')
  version(): string {
    return MLFLOW_VERSION;
  }
}

@MlflowController('', 3)
export class ServerInfoController {
  private readonly direct: boolean;

  constructor(@Inject(BlobStore) blobs: BlobStore) {
    this.direct = directAccess(blobs) !== undefined;
  }

  /** What clients decide by: runs are kept in SQL, so they may log in bulk; the rest is not offered. */
  @MlflowGet('server-info')
  info() {
    return {
      store_type: 'SqlStore',
      workspaces_enabled: false,
      trace_archival_enabled: false,
      multipart_uploads_enabled: this.direct,
      multipart_downloads_enabled: this.direct,
      presigned_upload_run_id_supported: false,
      presigned_upload_model_id_supported: false,
      features_enabled: { gateway: false },
    };
  }
}
