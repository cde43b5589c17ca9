// A real OpenID provider (oidc-provider) for the journey in a browser: whoever signs in as NAME, with
// any password, is NAME@example.com. It prints where it answers, and runs until its input ends.
import Provider from "oidc-provider";

const [port, console_, client, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [`${console_}/console/sign-in/provider/back`],
      post_logout_redirect_uris: [`${console_}/console/sign-in`],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: id,
      email: `${id}@example.com`,
      email_verified: !id.startsWith("unverified"),
      groups: id.startsWith("boss") ? ["bosses"] : [],
    }),
  }),
});

const server = provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
process.stdin.resume().on("end", () => server.close(() => process.exit(0)));
