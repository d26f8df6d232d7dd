import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { driftDashboard } from './drift.js';
import { modelDashboard } from './model.js';
import { platformDashboard } from './platform.js';

/** Every dashboard, by its file's name. */
export function builtDashboards(): Record<string, Dashboard> {
  return {
    'platform.json': platformDashboard().build(),
    'model.json': modelDashboard().build(),
    'drift.json': driftDashboard().build(),
  };
}

/** Every dashboard as the text of its file. */
export function dashboards(): Record<string, string> {
  return Object.fromEntries(Object.entries(builtDashboards()).map(([file, built]) => [file, render(built)]));
}

/** The builder gives rows id 0 and panels none; links and screenshots need ids that stay. */
function render(dashboard: Dashboard): string {
  const panels = dashboard.panels?.map((panel, index) => ({ ...panel, id: index + 1 }));
  return `${JSON.stringify({ ...dashboard, panels }, null, 2)}\n`;
}
