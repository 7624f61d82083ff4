import java.io.*;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.*;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.*;
import java.util.regex.*;
import javax.net.ssl.*;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Sends a certified message and waits for its delivery receipt.
 *
 * Against `collaudo simulate`; JDK 17 is enough, nothing has to be compiled or installed:
 *     java examples/java/SendAndWait.java [http://127.0.0.1:6100]
 *
 * A program of yours has a mail and a JSON library; here the standard library has to do.
 */
public class SendAndWait {
    static String control = "http://127.0.0.1:6100";

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0) control = arguments[0];
        String world = ask("/v1/world"), before = value("next", ask("/v1/events?after=last"));
        String from = "anna@aurora.example", to = "bruno@borea.example", id = "<" + UUID.randomUUID() + "@client.example>";
        String password = find("\"user\":\"" + from + "\",\"password\":\"([^\"]+)\"", world);
        int port = Integer.parseInt(find("\"submissionTLS\":\"[^\"]*:(\\d+)\"", world));

        try (Socket smtp = new Socket(port, value("ca", ask("/v1/trust")).replace("\\n", "\n"))) {
            smtp.say(null, "EHLO client.example", "AUTH PLAIN " + Base64.getEncoder().encodeToString(("\0" + from + "\0" + password).getBytes(UTF_8)));
            smtp.say("MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">", "DATA");
            smtp.say("From: " + from + "\r\nTo: " + to + "\r\nSubject: Fattura 42\r\nMessage-ID: " + id + "\r\n\r\nIn allegato la fattura.\r\n.", "QUIT");
        }

        String receipts = ask("/v1/events?after=" + before + "&wait=30s&kind=avvenuta-consegna&reference=" + URLEncoder.encode(id, UTF_8));
        if (receipts.contains("\"events\":[]")) throw new IllegalStateException("no delivery receipt within 30 seconds");
        System.out.println(value("subject", receipts) + ": " + control + "/v1/messages/" + value("sha256", receipts));
    }

    /** Asks the control API. */
    static String ask(String path) throws Exception {
        var answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(control + path)).build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IOException(path + ": " + answer.statusCode() + " " + answer.body());
        return answer.body();
    }

    /** The first field of that name, a text or a number. */
    static String value(String name, String json) { return find("\"" + name + "\":\"?([^\",}]+)", json); }

    static String find(String pattern, String text) {
        Matcher m = Pattern.compile(pattern).matcher(text);
        if (!m.find()) throw new NoSuchElementException(pattern + " in " + text);
        return m.group(1);
    }

    /** A session with a submission server on this machine, over TLS. */
    static class Socket implements Closeable {
        final SSLSocket socket;
        final BufferedReader in;
        final Writer out;

        Socket(int port, String ca) throws Exception {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("simulator", CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(ca.getBytes(UTF_8))));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, trust.getTrustManagers(), null);
            socket = (SSLSocket) tls.getSocketFactory().createSocket("localhost", port);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // compares the name in the certificate
            socket.setSSLParameters(parameters);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
            out = new OutputStreamWriter(socket.getOutputStream(), UTF_8);
        }

        /** Says each command and reads its reply; null only reads. */
        void say(String... commands) throws IOException {
            for (String command : commands) {
                if (command != null) {
                    out.write(command + "\r\n");
                    out.flush();
                }
                String line;
                do {
                    line = in.readLine();
                    if (line == null || line.charAt(0) > '3') throw new IOException("refused: " + line);
                } while (line.charAt(3) == '-');
            }
        }

        public void close() throws IOException { socket.close(); }
    }
}
