-- Signature as JSON; null for a version without an ONNX file, and for those from before it was kept.
alter table model_versions add column signature text;
