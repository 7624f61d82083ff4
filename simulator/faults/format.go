package faults

import (
	"fmt"

	"github.com/collaudo/collaudo/simulator/compose"
)

// setFormat sets a field of the format by the name it has in the data file.
func setFormat(f *compose.Format, name, value string) error {
	texts := map[string]*string{
		"charset":                &f.Charset,
		"text-encoding":          &f.TextEncoding,
		"mixed":                  &f.Mixed,
		"order":                  &f.Order,
		"certification-name":     &f.CertificationName,
		"certification-type":     &f.CertificationType,
		"certification-charset":  &f.CertificationCharset,
		"certification-encoding": &f.CertificationEncoding,
		"certification-place":    &f.CertificationPlace,
		"original-name":          &f.OriginalName,
		"original-type":          &f.OriginalType,
		"original-encoding":      &f.OriginalEncoding,
		"original-place":         &f.OriginalPlace,
		"header-order":           &f.HeaderOrder,
		"signed-fields":          &f.SignedFields,
		"preamble":               &f.Preamble,
		"boundary":               &f.Boundary,
		"composite-encoding":     &f.CompositeEncoding,
		"folded-parameters":      &f.FoldedParameters,
		"outer":                  &f.Outer,
		"protocol":               &f.Protocol,
		"signature-type":         &f.SignatureType,
		"signature-name":         &f.SignatureName,
		"micalg":                 &f.MicAlg,
	}
	flags := map[string]*bool{
		"plain-only":    &f.PlainOnly,
		"html-only":     &f.HTMLOnly,
		"trailing-part": &f.TrailingPart,
		"bare-names":    &f.BareNames,
		"descriptions":  &f.Descriptions,
		"smime-type":    &f.SMIMEType,
	}
	switch {
	case texts[name] != nil:
		*texts[name] = value
	case flags[name] != nil:
		*flags[name] = value == "true"
	default:
		return fmt.Errorf("the format has no %q", name)
	}
	return nil
}

// briefMistake is a mistake in a brief receipt by the name it has in the data
// file.
func briefMistake(name string) (compose.BriefOptions, error) {
	mistakes := map[string]compose.BriefOptions{
		"hash-decoded":     {HashDecoded: true},
		"sha-256":          {SHA256: true},
		"ignore-type-name": {IgnoreTypeName: true},
		"ignore-file-name": {IgnoreFileName: true},
		"keep-messages":    {KeepMessages: true},
		"replace-unnamed":  {ReplaceUnnamed: true},
		"hash-signature":   {HashSignature: true},
		"open-opaque":      {OpenOpaque: true},
		"keep-smime":       {KeepSMIME: true},
		"lose-name":        {LoseName: true},
		"replace-suffix":   {ReplaceSuffix: true},
	}
	m, known := mistakes[name]
	if !known {
		return m, fmt.Errorf("a brief receipt has no mistake %q", name)
	}
	return m, nil
}
