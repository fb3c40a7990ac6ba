// Runs the public package oidc-provider on a free port of this machine, as people install it: with its example keys
// and its pages for trying out, on which any name gets in with any password. Its clients are in the first argument, as JSON.
// People who sign in as NAME have the address NAME@example.com.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const clients = JSON.parse(process.argv[2]);
const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'given_name', 'family_name'] },
    // Claims are in the ID token, too, not only at the user info endpoint.
    conformIdTokenClaims: false,
    pkce: { required: () => false },
    features: {
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource) => ({ audience: resource, scope: '', accessTokenFormat: 'jwt' }),
      },
    },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: true,
        name: 'Ada Lovelace',
        given_name: 'Ada',
        family_name: 'Lovelace',
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(`listening on ${issuer}`);
});
// It ends with the process that started it.
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
