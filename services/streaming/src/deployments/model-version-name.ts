export interface ModelVersionName {
  readonly model: string;
  readonly version: number;
}
