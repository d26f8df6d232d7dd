import { describe, expect, it } from '@jest/globals';
import { modelOf, withModel } from './model-history.js';

const model = { artifact_path: 'm', flavors: {}, utc_time_created: 't', run_id: 'r' };

describe('models logged by clients before MLflow 3', () => {
  it('are a list that grows', () => {
    const once = withModel(undefined, modelOf(JSON.stringify(model)));
    expect(JSON.parse(withModel(once, { ...model, artifact_path: 'n' }))).toEqual([
      model,
      { ...model, artifact_path: 'n' },
    ]);
  });

  it('say which field is missing', () => {
    expect(() => modelOf('{"flavors":{}}')).toThrow(
      'missing mandatory fields: artifact_path, utc_time_created, run_id',
    );
  });

  it.each(['{', '[]', '3', 'null'])('%s is none', (json) => {
    expect(() => modelOf(json)).toThrow('Malformed model info');
  });

  it('begin anew where the tag is no list', () => {
    expect(JSON.parse(withModel('mine', model))).toEqual([model]);
  });
});
