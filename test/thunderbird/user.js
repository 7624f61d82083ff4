// A free port for the remote control, written to MarionetteActivePort.
user_pref("marionette.port", 0);
// Nothing reaches beyond loopback, names included: the way out is a proxy that is not there.
user_pref("network.proxy.type", 1);
user_pref("network.proxy.socks", "127.0.0.1");
user_pref("network.proxy.socks_port", 9);
user_pref("network.proxy.socks5_remote_dns", true);
user_pref("network.proxy.socks_remote_dns", true);
user_pref("app.update.enabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
// Nothing asks, and nothing is shown that a screen would be needed for.
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.biff.show_alert", false);
user_pref("mail.biff.play_sound", false);
user_pref("mailnews.start_page.enabled", false);
// Synchronized when the test says so and not besides.
user_pref("mail.server.default.autosync_offline_stores", false);
user_pref("mail.server.default.login_at_startup", false);
// Fields of certified mail that are kept with the list of messages, as a filter on them needs.
user_pref("mailnews.customDBHeaders", "x-ricevuta x-trasporto x-riferimento-message-id");
