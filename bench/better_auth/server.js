// better-auth on SQLite, set up as its manual does: `node server.js FILE PORT SECRET`.
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin } from "better-auth/plugins";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";

const [file, port, secret] = process.argv.slice(2);
const database = new Database(file);
database.pragma("journal_mode = WAL");
const options = {
    baseURL: `http://127.0.0.1:${port}`,
    secret,
    database: { db: new Kysely({ dialect: new SqliteDialect({ database }) }), type: "sqlite" },
    emailAndPassword: { enabled: true },
    plugins: [admin()],
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
createServer(toNodeHandler(betterAuth(options))).listen(Number(port), "127.0.0.1", () => {
    console.log(`better-auth serves on http://127.0.0.1:${port}`);
});
