// Holds rendered objects against the schemas of Kubernetes, KEDA and the Prometheus operator: their validators for what must be there and of which
// kind, and their TypeScript types for fields that nobody knows, which a validator lets pass and a cluster drops.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from '../turbo.mjs';

/** Where the models of an API are; those of Kubernetes itself are in one package. */
const PACKAGES = {
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/**
 * @param {{ file: string, documents: any[] }[]} rendered
 * @returns {Promise<string[]>} problems
 */
export async function schemaProblems(rendered) {
  const objects = rendered.flatMap(({ file, documents }) =>
    documents.map((document) => ({ file, document })),
  );
  const problems = [];
  for (const { file, document } of objects) {
    const { apiVersion, kind } = document;
    const { [kind]: Model } = await import(moduleOf(apiVersion)).catch(() => ({}));
    if (Model === undefined) {
      problems.push(`${file}: there is no ${kind} in ${apiVersion}`);
      continue;
    }
    try {
      new Model(structuredClone(document)).validate();
    } catch (error) {
      problems.push(`${file}: ${nameOf(document)}: ${error.message}`);
    }
  }
  return [...problems, ...unknownFields(objects)];
}

function moduleOf(apiVersion) {
  return PACKAGES[apiVersion] ?? `kubernetes-models/${apiVersion}`;
}

function nameOf({ kind, metadata }) {
  return `${kind} ${metadata.name}`;
}

/** An object literal may hold no field that its type lacks: each object becomes one. */
function unknownFields(objects) {
  const folder = join(root, 'node_modules', '.cache', `kubernetes-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  const files = objects.map(({ document }, index) => {
    const path = join(folder, `${index}.ts`);
    const { apiVersion, kind } = document;
    const type = `import('${moduleOf(apiVersion)}').I${kind}`;
    writeFileSync(path, `export const object: ${type} = ${JSON.stringify(document, null, 1)};\n`);
    return path;
  });
  try {
    const program = ts.createProgram(files, {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      types: [],
    });
    return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
      const { file, document } = objects[files.indexOf(diagnostic.file?.fileName)] ?? {};
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
      return document === undefined ? message : `${file}: ${nameOf(document)}: ${message}`;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
