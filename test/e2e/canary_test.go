package e2e

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"lindu.example/lindu/client"
)

// TestPersonalDataStaysSealed lets a person with marked data go through the
// trade, and looks for the marks wherever the centre writes or tells: its log,
// metrics, public pages, and every byte of its data folder.
func TestPersonalDataStaysSealed(t *testing.T) {
	c := startDemo(t, "--quiet-buyers", "--no-picture", "--set", "log.level=debug")
	const phone, name, street = "13987654321", "甄保密", "金丝雀大街77号9单元"
	cl := c.signUp(t, phone)
	a, err := cl.AddAddress(t.Context(), client.Address{Name: name, Phone: phone, Province: "黑龙江", City: "哈尔滨市", District: "南岗区", Detail: street, Default: true})
	if err != nil {
		t.Fatal(err)
	}
	show, err := cl.Show(t.Context(), c.Show.ID)
	if err != nil {
		t.Fatal(err)
	}
	o, err := cl.PlaceOrder(t.Context(), "canary-key-0001", c.wants(show.Items[0], a.ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	p, err := cl.Pay(t.Context(), o.ID, "sandbox")
	if err != nil {
		t.Fatal(err)
	}
	c.pay(t, p.PayURL)
	eventually(t, step, "the order is paid", func() bool {
		got, err := cl.Order(t.Context(), o.ID)
		return err == nil && got.State == "paid"
	})
	if _, err := c.as("packer").Ship(t.Context(), o.ID, "shunfeng", "SF1234567890"); err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, path := range []string{"/metrics", "/", "/room/" + c.Show.ID + "/state", "/promises", "/status", "/api/v1/shows/" + c.Show.ID} {
		_, told[path] = get(t, c.HTTP+path)
	}
	c.stop()
	told["the log"] = c.log.String()
	marks := []string{phone, name, street}
	for where, text := range told {
		for _, m := range marks {
			if bytes.Contains([]byte(text), []byte(m)) {
				t.Errorf("%q stands in %s", m, where)
			}
		}
	}
	files := 0
	err = filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, m := range marks {
			if bytes.Contains(b, []byte(m)) {
				t.Errorf("%q stands in %s", m, filepath.Base(path))
			}
		}
		return nil
	})
	if err != nil || files < 3 {
		t.Fatalf("%d files read, %v", files, err)
	}
}
