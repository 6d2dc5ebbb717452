// Reads CompositeResourceDefinitions, one JSON document after the other, and writes the
// CustomResourceDefinition that Crossplane makes of each, by Crossplane's own code.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/crossplane/crossplane-runtime/v2/pkg/xcrd"
	v1 "github.com/crossplane/crossplane/apis/v2/apiextensions/v1"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		definition := &v1.CompositeResourceDefinition{}
		if err := decoder.Decode(definition); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		crd, err := xcrd.ForCompositeResource(definition)
		if err != nil {
			return err
		}
		if err := encoder.Encode(crd); err != nil {
			return err
		}
	}
}
