# ldapsearch reads the directory of providers, over LDAP and LDAPS.
. "$(dirname "$0")/../lib.sh"
export LDAPTLS_CACERT=$CA LDAPTLS_REQCERT=demand
for uri in "$LDAP_URI" "$LDAPS_URI"; do
	ldapsearch -x -LLL -o ldif-wrap=no -H "$uri" -b "$LDAP_BASE" '(objectClass=*)' >all.ldif
	grep -q '^managedDomains: aurora.example' all.ldif || { cat all.ldif; exit 1; }
	grep -q '^managedDomains: borea.example' all.ldif
	grep -q '^providerCertificate;binary:: ' all.ldif
	ldapsearch -x -LLL -H "$uri" -b "$LDAP_BASE" '(managedDomains=borea.example)' mailReceipt >one.ldif
	grep -q '^mailReceipt: ricevute@gestore.borea.example' one.ldif
done
