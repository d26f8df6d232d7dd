// Exits 0 when the service in this container is ready, 1 with the reason otherwise. Used by the image's HEALTHCHECK.
const url = `http://127.0.0.1:${process.env.PORT ?? 8080}/health/ready`;
try {
  const response = await fetch(url, { signal: AbortSignal.timeout(4000) });
  if (!response.ok) console.error(`${url} answered ${response.status}: ${await response.text()}`);
  process.exit(response.ok ? 0 : 1);
} catch (error) {
  console.error(`${url} does not answer: ${error.message}`);
  process.exit(1);
}
