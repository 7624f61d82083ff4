package main

import (
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// billSuffix ends the name of a bill of materials: CycloneDX as JSON.
const billSuffix = ".cdx.json"

// writeBill writes which modules are in the binary, as the binary itself says,
// and checks the result against the schema that CycloneDX publishes.
func writeBill(path, binary string, p platform, s *stamp) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("read what the binary was built from: %w", err)
	}
	sum, err := sumOf(binary)
	if err != nil {
		return err
	}
	bill := billOf(info, sum, p, s)
	if n := len(*bill.Components); n < 20 {
		return fmt.Errorf("the bill of materials names %d modules: the binary does not say what it was built from", n)
	}
	var b bytes.Buffer
	if err := cdx.NewBOMEncoder(&b, cdx.BOMFileFormatJSON).SetPretty(true).EncodeVersion(bill, cdx.SpecVersion1_6); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	if err := checkBill(b.Bytes()); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
}

func billOf(info *debug.BuildInfo, sum []byte, p platform, s *stamp) *cdx.BOM {
	name := "pkg:golang/" + info.Main.Path + "@" + s.version
	self := &cdx.Component{
		BOMRef: name, Type: cdx.ComponentTypeApplication, Name: "collaudo", Version: s.version, PackageURL: name,
		Description: "Conformance harness for Italian certified e-mail (PEC), for " + p.String(),
		Hashes:      &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: fmt.Sprintf("%x", sum)}},
		Licenses:    &cdx.Licenses{{License: &cdx.License{ID: "Apache-2.0"}}},
		Properties: &[]cdx.Property{
			{Name: "commit", Value: s.commit}, {Name: "platform", Value: p.String()}, {Name: "go", Value: info.GoVersion},
		},
	}
	components := []cdx.Component{{
		BOMRef: "pkg:golang/std@" + info.GoVersion, Type: cdx.ComponentTypeLibrary, Name: "std",
		Version: strings.TrimPrefix(info.GoVersion, "go"), PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"),
	}}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		reference := "pkg:golang/" + m.Path + "@" + m.Version
		component := cdx.Component{BOMRef: reference, Type: cdx.ComponentTypeLibrary, Name: m.Path, Version: m.Version, PackageURL: reference}
		if m.Sum != "" { // the go command's own hash of the module, as go.sum has it
			component.Properties = &[]cdx.Property{{Name: "go.sum", Value: m.Sum}}
		}
		components = append(components, component)
	}
	var references []string
	for _, c := range components {
		references = append(references, c.BOMRef)
	}
	bill := cdx.NewBOM()
	bill.SerialNumber = "urn:uuid:" + uuidOf(sum)
	bill.Metadata = &cdx.Metadata{Timestamp: s.at.Format(time.RFC3339), Component: self}
	bill.Components = &components
	bill.Dependencies = &[]cdx.Dependency{{Ref: self.BOMRef, Dependencies: &references}}
	return bill
}

// uuidOf makes a name-based identifier (version 8) from the hash of the binary,
// so that the same binary has the same bill.
func uuidOf(sum []byte) string {
	u := sha256.Sum256(append([]byte("collaudo bill of materials "), sum...))
	u[6], u[8] = u[6]&0x0f|0x80, u[8]&0x3f|0x80
	h := hex.EncodeToString(u[:16])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// checkBill validates a bill of materials against the published schema, which
// the library brings along.
func checkBill(octets []byte) error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/CycloneDX/cyclonedx-go").Output()
	if err != nil {
		return fmt.Errorf("find the schema of CycloneDX: %w", err)
	}
	schemas := filepath.Join(strings.TrimSpace(string(dir)), "schema")
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, name := range []string{"spdx.schema.json", "jsf-0.82.schemax.json"} { // referred to by their published names
		file, err := os.Open(filepath.Join(schemas, name))
		if err != nil {
			return err
		}
		document, err := jsonschema.UnmarshalJSON(file)
		if err := errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := compiler.AddResource("http://cyclonedx.org/schema/"+strings.Replace(name, "schemax", "schema", 1), document); err != nil {
			return err
		}
	}
	schema, err := compiler.Compile(filepath.Join(schemas, "bom-1.6.schema.json"))
	if err != nil {
		return fmt.Errorf("read the schema of CycloneDX: %w", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(octets))
	if err != nil {
		return err
	}
	if err := schema.Validate(document); err != nil {
		return fmt.Errorf("the bill of materials is not valid CycloneDX: %w", err)
	}
	return nil
}
