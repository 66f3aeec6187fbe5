// What bench.py sets casebook against: DuckDB on the same file, with count, mean and quantiles by kind and product.
//   node bench_duckdb.js FILE THREADS [load]
// load: the file is read into a table first, all its columns, as a database does that is asked more than once.
const { DuckDBInstance } = require('@duckdb/node-api');

const query = (source) => `
    SELECT kind, product, count(*) AS cases, avg(seconds) AS mean, quantile_cont(seconds, 0.5) AS median,
           quantile_cont(seconds, 0.9) AS p90, quantile_cont(seconds, 0.95) AS p95
    FROM (SELECT kind, product, epoch(resolved_at) - epoch(opened_at) AS seconds FROM ${source})
    GROUP BY kind, product`;

async function main() {
    const [file, threads, load] = process.argv.slice(2);
    const csv = `read_csv('${file.replace(/'/g, "''")}')`;
    const db = await DuckDBInstance.create(':memory:', { threads });
    const connection = await db.connect();
    if (load)
        await connection.run(`CREATE TABLE cases AS SELECT * FROM ${csv}`);
    const reader = await connection.runAndReadAll(query(load ? 'cases' : csv));
    const rows = reader.getRowObjects();
    const cases = rows.reduce((sum, row) => sum + Number(row.cases), 0);
    console.log(JSON.stringify({ groups: rows.length, cases }));
}

main().catch((fault) => {
    console.error(String(fault));
    process.exit(1);
});
