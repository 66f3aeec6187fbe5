// What bench.py sets casebook against: DuckDB on the same file, with count, mean and quantiles by kind and product.
//   node bench_duckdb.js FILE THREADS
const { DuckDBInstance } = require('@duckdb/node-api');

const query = (file) => `
    SELECT kind, product, count(*) AS cases, avg(seconds) AS mean, quantile_cont(seconds, 0.5) AS median,
           quantile_cont(seconds, 0.9) AS p90, quantile_cont(seconds, 0.95) AS p95
    FROM (SELECT kind, product, epoch(resolved_at) - epoch(opened_at) AS seconds FROM read_csv('${file}'))
    GROUP BY kind, product`;

async function main() {
    const [file, threads] = process.argv.slice(2);
    const db = await DuckDBInstance.create(':memory:', { threads });
    const connection = await db.connect();
    const reader = await connection.runAndReadAll(query(file.replace(/'/g, "''")));
    const rows = reader.getRowObjects();
    const cases = rows.reduce((sum, row) => sum + Number(row.cases), 0);
    console.log(JSON.stringify({ groups: rows.length, cases }));
}

main().catch((fault) => {
    console.error(String(fault));
    process.exit(1);
});
