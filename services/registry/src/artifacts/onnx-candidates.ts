/** Where a source's ONNX file may lie: MLflow's ONNX flavour writes a folder with model.onnx in it; others name the file. */
export function onnxCandidates(path: string): string[] {
  const inFolder = path === '' ? 'model.onnx' : `${path}/model.onnx`;
  return path.endsWith('.onnx') ? [path, inFolder] : [inFolder];
}
